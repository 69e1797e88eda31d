# 121: a request that stood beside a killer is tried alone, and cleared by its answer.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
restart_delay = 1ms
max_attempts = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1                      | a/1: to echo/0 gen 1, attempt 1
at 2ms call b/1                      | b/1: to echo/0 gen 1, attempt 1
at 3ms suspect a/1 key 7
at 3ms suspect b/1 key 8
at 3ms exit echo/0 signal 11         | b/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | a/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 3ms), 2 calls in hand lost, retry 1 in 1ms
at 3ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 3ms)
at 4ms tick                          | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 5ms slots echo/0 2                | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 6ms call x/1 key 9                | x/1: to echo/1 gen 1, attempt 1
at 6ms call b/3 key 8                | b/3: to echo/0 gen 2, attempt 1
at 6ms call x/3 key 9                | x/3: to echo/1 gen 1, attempt 1
at 7ms call x/5 key 9
at 7ms reply x/1                     | x/1: answered by echo/1
                                     | x/5: to echo/1 gen 1, attempt 1
at 8ms reply b/3                     | b/3: answered by echo/0
at 9ms call b/5 key 8                | b/5: to echo/0 gen 2, attempt 1
at 10ms call a/3 key 7
at 10ms reply b/5                    | b/5: answered by echo/0
                                     | a/3: to echo/0 gen 2, attempt 1
at 11ms suspect a/3 key 7
at 11ms exit echo/0 signal 11        | a/3: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 2: UP -> BACKOFF (signal 11 SEGV, ran 7ms), 1 call in hand lost, retry 2 in 2ms
at 12ms call a/5 key 7               | a/5: answered QUARANTINED (this request has killed or hung 2 instances of echo: refused for another 9m 59s (brood quarantine release 0000000000000007))
at 13ms release 7                    | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 14ms call a/7 key 7
at 15ms counters echo                | echo: accepted 9, replied 3, errored 3, refused 1, crashed 3, quarantined 1, queued 1, in flight 2
