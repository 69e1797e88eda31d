# 215: an instance that has come to its end by itself is started again by load, where load decides.
[worker:echo]
command = echo-worker
instances = 0..1
restart = on-failure
---
at 0ms start
at 1ms call client/1                 | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start, calls wait)
at 2ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
                                     | client/1: to echo/0 gen 1, attempt 1, 29.999s left
at 3ms reply client/1                | client/1: answered by echo/0
at 4ms slots echo/0 0                | echo/0 gen 1: UP -> DRAINING (it takes no more calls)
                                     | flush echo/0
at 4ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 5ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 4ms, it takes no more calls)
at 6ms call client/3                 | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start, calls wait)
at 7ms slots echo/0 1                | echo/0 gen 2: STARTING -> UP (ready after 1ms)
                                     | client/3: to echo/0 gen 2, attempt 1, 29.999s left
at 8ms reply client/3                | client/3: answered by echo/0
