# 164: where the pool has proved that it works, being stuck belongs to the call: the delay does not grow. Kept calls of a killed process are no threat to the next.
[worker:echo]
command = echo-worker
cancel_grace = 100ms
stop_timeout = 0ms
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 11s call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 11s call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 11001ms cancel client/1           | client/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/1 (CANCELLED)
at 11050ms cancel client/3           | client/3: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/3 (CANCELLED)
at 11101ms tick                      | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: UP -> STOPPING (stuck 101ms in request 2), SIGTERM sent
                                     | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 11102ms exit echo/0 signal 9      | echo/0 gen 1: KILLING -> BACKOFF (signal 9 KILL, ran 11.1s, stuck 101ms in request 2), retry 1 in 250ms
at 11352ms tick                      | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 11353ms slots echo/0 2            | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 11354ms call client/5             | client/5: to echo/0 gen 2, attempt 1
at 11355ms cancel client/5           | client/5: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/5 (CANCELLED)
at 11455ms tick                      | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: UP -> STOPPING (stuck 101ms in request 2), SIGTERM sent
                                     | kill echo/0
                                     | echo/0 gen 2: STOPPING -> KILLING (stop_timeout passed)
at 11456ms exit echo/0 code 0        | echo/0 gen 2: KILLING -> BACKOFF (exit 0, ran 104ms, stuck 101ms in request 2), retry 2 in 250ms
at 11706ms tick                      | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
