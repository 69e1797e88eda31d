# 122: what ends a worker on command is held against no request.
[worker:echo]
command = echo-worker
restart_jitter = 0%
max_attempts = 1
stop_timeout = 10ms
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1                      | a/1: to echo/0 gen 1, attempt 1
at 3ms restart echo                  | echo/0 gen 1: UP -> DRAINING (on command)
at 13ms tick                         | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (stop_timeout passed), SIGTERM sent
at 23ms tick                         | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 24ms suspect a/1 key 7
at 24ms exit echo/0 signal 9         | a/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | spawn echo/0 gen 2
                                     | echo/0 gen 2: KILLING -> STARTING (gen 1: signal 9 KILL, ran 24ms), 1 call in hand lost
at 25ms slots echo/0 1               | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 26ms call a/3 key 7               | a/3: to echo/0 gen 2, attempt 1
at 27ms suspect a/3 key 7
at 27ms exit echo/0 signal 9         | a/3: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 2: UP -> BACKOFF (signal 9 KILL, ran 3ms), 1 call in hand lost, retry 1 in 250ms
at 28ms call a/5 key 7               | a/5: answered QUARANTINED (this request has killed or hung 1 instance of echo: refused for another 9m 59s (brood quarantine release 0000000000000007))
