# 009: a stop waits for the calls in hand; the signal is sent after the last final frame.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 10ms call client/1                | client/1: to echo/0 gen 1, attempt 1
at 10ms call client/3                | client/3: to echo/0 gen 1, attempt 1
at 20ms stop echo                    | echo/0 gen 1: UP -> DRAINING (on command)
at 30ms reply client/1               | client/1: answered by echo/0
at 31ms call client/5                | client/5: answered DRAINING (echo is stopping), retry is safe
at 40ms reply client/3               | client/3: answered by echo/0
                                     | flush echo/0
at 40ms flushed echo/0               | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 45ms exit echo/0 signal 15        | echo/0 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 45ms)
at 50ms call client/7                | client/7: answered NO_WORKER (echo is stopped), retry is safe
