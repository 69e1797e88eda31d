# 008: a stop of a worker with nothing in hand ends its channel, sends the stop signal, and is done with its exit.
[worker:echo]
command = echo-worker
stop_signal = QUIT
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 10ms stop echo                    | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 QUIT
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGQUIT sent
at 15ms exit echo/0 code 0           | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 15ms)
