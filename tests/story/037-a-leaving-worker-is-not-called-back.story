# 037: a worker that has said that it leaves gets no calls even when its pool closes; what waits is answered.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms slots echo/0 0                | echo/0 gen 1: UP -> DRAINING (it takes no more calls)
at 4ms call client/3
at 5ms stop echo                     | client/3: answered DRAINING (echo is stopping), retry is safe
at 6ms reply client/1                | client/1: answered by echo/0
                                     | flush echo/0
at 6ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 7ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 7ms, it takes no more calls)
