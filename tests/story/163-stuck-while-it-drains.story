# 163: a call that is kept does not hurry a drain, but the drain does not wait for it either.
[worker:echo]
command = echo-worker
cancel_grace = 100ms
stop_timeout = 1s
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 3ms cancel client/1               | client/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/1 (CANCELLED)
at 4ms drain echo                    | echo/0 gen 1: UP -> DRAINING (drained on command)
at 2s reply client/3                 | client/3: answered by echo/0
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 3000ms tick                       | kill echo/0
                                     | echo/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 3001ms exit echo/0 signal 9       | echo/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 3.0s)
at 4s start echo                     | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start)
at 4001ms slots echo/0 2             | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 4002ms call client/5              | client/5: to echo/0 gen 2, attempt 1
at 4002ms call client/7              | client/7: to echo/0 gen 2, attempt 1
at 4003ms cancel client/5            | client/5: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/5 (CANCELLED)
at 4004ms cancel client/7            | client/7: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/7 (CANCELLED)
at 4004ms stop echo                  | echo/0 gen 2: UP -> DRAINING (on command)
at 4104ms tick                       | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 4150ms call client/9              | client/9: answered DRAINING (echo is stopping), retry is safe
at 5104ms tick                       | kill echo/0
                                     | echo/0 gen 2: STOPPING -> KILLING (stop_timeout passed)
at 5105ms exit echo/0 signal 9       | echo/0 gen 2: KILLING -> DOWN (signal 9 KILL, ran 1.1s)
