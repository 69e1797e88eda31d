# 010: stop_timeout bounds the drain, and then again the time from the stop signal to SIGKILL.
[worker:echo]
command = echo-worker
stop_timeout = 3s
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 10ms call client/1                | client/1: to echo/0 gen 1, attempt 1
at 20ms stop echo                    | echo/0 gen 1: UP -> DRAINING (on command)
at 3019ms tick
at 3020ms tick                       | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (stop_timeout passed), SIGTERM sent
at 6020ms tick                       | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 6021ms slots echo/0 0
at 6022ms slots echo/0 1
at 30010ms tick                      | client/1: answered DEADLINE (no answer within 30.0s (a worker has it, it may still run))
                                     | cancel echo/0 client/1 (DEADLINE)
at 1h tick
at 2h exit echo/0 signal 9           | echo/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 2h 0m)
