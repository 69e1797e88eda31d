# 120: a request that has killed max_attempts workers is refused, whoever sends it, until its time is over.
[worker:echo]
command = echo-worker
restart_jitter = 0%
restart_delay = 1ms
quarantine = 1s
dead_letter = /var/lib/letters
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1                      | a/1: to echo/0 gen 1, attempt 1
at 3ms suspect a/1 key 7
at 3ms exit echo/0 signal 11         | a/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | bury a/1
                                     | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 3ms), 1 call in hand lost, retry 1 in 1ms
at 4ms tick                          | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 5ms slots echo/0 1                | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 6ms call b/1 key 7 idempotent     | b/1: to echo/0 gen 2, attempt 1, idempotent
at 7ms suspect b/1 key 7
at 7ms exit echo/0 signal 11         | echo/0 gen 2: UP -> BACKOFF (signal 11 SEGV, ran 3ms), 1 redelivered, retry 2 in 2ms
at 9ms tick                          | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 10ms slots echo/0 1               | echo/0 gen 3: STARTING -> UP (ready after 1ms)
                                     | b/1: to echo/0 gen 3, attempt 2, idempotent, 29.996s left
at 11ms suspect b/1 key 7
at 11ms exit echo/0 signal 11        | b/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 2, it may have run))
                                     | bury b/1
                                     | echo/0 gen 3: UP -> BACKOFF (signal 11 SEGV, ran 2ms), 1 call in hand lost, retry 3 in 4ms
at 15ms tick                         | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 16ms slots echo/0 1               | echo/0 gen 4: STARTING -> UP (ready after 1ms)
at 17ms call c/1 key 7               | c/1: answered QUARANTINED (this request has killed or hung 3 instances of echo: refused for another 994ms (brood quarantine release 0000000000000007))
at 18ms call c/3 key 8               | c/3: to echo/0 gen 4, attempt 1
at 19ms reply c/3                    | c/3: answered by echo/0
at 1011ms call c/5 key 7             | c/5: to echo/0 gen 4, attempt 1
at 1012ms reply c/5                  | c/5: answered by echo/0
at 1013ms counters echo              | echo: accepted 4, replied 2, errored 2, refused 1, crashed 2, quarantined 1, redelivered 1
