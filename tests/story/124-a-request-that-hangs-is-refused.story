# 124: a request that is never given back counts as one that kills: tried alone at one less than max_attempts, then refused. What only stood beside it is not blamed.
[worker:echo]
command = echo-worker
restart_jitter = 0%
restart_delay = 1ms
call_timeout = 100ms
cancel_grace = 50ms
stop_timeout = 10ms
max_attempts = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1                      | a/1: to echo/0 gen 1, attempt 1
at 100ms call b/1                    | b/1: to echo/0 gen 1, attempt 1
at 102ms tick                        | a/1: answered DEADLINE (no answer within 100ms (a worker has it, it may still run))
                                     | cancel echo/0 a/1 (DEADLINE)
at 152ms tick                        | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: UP -> STOPPING (stuck 150ms in request 2), SIGTERM sent
at 162ms tick                        | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 163ms suspect a/1 key 7
at 163ms suspect b/1 key 8
at 163ms exit echo/0 signal 9        | b/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | echo/0 gen 1: KILLING -> BACKOFF (signal 9 KILL, ran 163ms, stuck 150ms in request 2), 1 call in hand lost, retry 1 in 1ms
at 164ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 165ms slots echo/0 2              | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 166ms call b/3 key 9              | b/3: to echo/0 gen 2, attempt 1
at 166ms call b/5 key 8              | b/5: to echo/0 gen 2, attempt 1
at 167ms reply b/5                   | b/5: answered by echo/0
at 169ms call a/3 key 7
at 170ms reply b/3                   | b/3: answered by echo/0
                                     | a/3: to echo/0 gen 2, attempt 1, 0.099s left
at 269ms tick                        | a/3: answered DEADLINE (no answer within 100ms (a worker has it, it may still run))
                                     | cancel echo/0 a/3 (DEADLINE)
at 319ms tick                        | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: UP -> STOPPING (stuck 149ms in request 6), SIGTERM sent
at 329ms tick                        | kill echo/0
                                     | echo/0 gen 2: STOPPING -> KILLING (stop_timeout passed)
at 330ms suspect a/3 key 7
at 330ms exit echo/0 signal 9        | echo/0 gen 2: KILLING -> BACKOFF (signal 9 KILL, ran 166ms, stuck 149ms in request 6), retry 2 in 2ms
at 332ms tick                        | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 333ms slots echo/0 2              | echo/0 gen 3: STARTING -> UP (ready after 1ms)
at 334ms call c/1 key 7              | c/1: answered QUARANTINED (this request has killed or hung 2 instances of echo: refused for another 9m 59s (brood quarantine release 0000000000000007))
at 335ms call c/3 key 8              | c/3: to echo/0 gen 3, attempt 1
at 336ms reply c/3                   | c/3: answered by echo/0
at 337ms counters echo               | echo: accepted 6, replied 3, errored 3, refused 1, crashed 1, expired 2, quarantined 1
