# 221: a key moves to another instance only when its own one goes; what waits keeps its order, and stays there then.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 order 7         | client/1: to echo/1 gen 1, attempt 1
at 3ms call client/3 order 7
at 4ms call client/5 order 7
at 5ms exit echo/1 signal 11         | client/1: answered WORKER_CRASHED (echo/1 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/1 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 5ms), 1 call in hand lost, retry 1 in 250ms
                                     | client/3: to echo/0 gen 1, attempt 1, 29.998s left
at 6ms reply client/3                | client/3: answered by echo/0
                                     | client/5: to echo/0 gen 1, attempt 1, 29.998s left
at 255ms tick                        | spawn echo/1 gen 2
                                     | echo/1 gen 2: BACKOFF -> STARTING (delay over)
at 260ms slots echo/1 1              | echo/1 gen 2: STARTING -> UP (ready after 5ms)
at 261ms reply client/5              | client/5: answered by echo/0
at 262ms call client/7 order 7       | client/7: to echo/0 gen 1, attempt 1
# drained: what is in hand ends first
at 263ms drain echo/0                | echo/0 gen 1: UP -> DRAINING (drained on command)
at 264ms call client/9 order 7
at 265ms call client/11 order 7
at 266ms reply client/7              | client/7: answered by echo/0
                                     | client/9: to echo/1 gen 2, attempt 1, 29.998s left
                                     | flush echo/0
at 266ms flushed echo/0              | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 267ms reply client/9              | client/9: answered by echo/1
                                     | client/11: to echo/1 gen 2, attempt 1, 29.998s left
at 268ms reply client/11             | client/11: answered by echo/1
