# 038: a worker that says that it leaves, and ends with success, is replaced at the same pace however often it does so.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms slots echo/0 0                | echo/0 gen 1: UP -> DRAINING (it takes no more calls)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 3ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> BACKOFF (exit 0, ran 3ms, it takes no more calls), retry 1 in 250ms
at 253ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 254ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 255ms slots echo/0 0              | echo/0 gen 2: UP -> DRAINING (it takes no more calls)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 256ms exit echo/0 code 0          | echo/0 gen 2: STOPPING -> BACKOFF (exit 0, ran 3ms, it takes no more calls), retry 2 in 250ms
at 506ms tick                        | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 507ms slots echo/0 1              | echo/0 gen 3: STARTING -> UP (ready after 1ms)
at 508ms slots echo/0 0              | echo/0 gen 3: UP -> DRAINING (it takes no more calls)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 3: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
# but one that says so and then fails has failed
at 509ms exit echo/0 code 1          | echo/0 gen 3: STOPPING -> BACKOFF (exit 1, ran 3ms, it takes no more calls), retry 3 in 250ms
at 759ms tick                        | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 760ms slots echo/0 1              | echo/0 gen 4: STARTING -> UP (ready after 1ms)
at 761ms slots echo/0 0              | echo/0 gen 4: UP -> DRAINING (it takes no more calls)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 4: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 762ms exit echo/0 code 1          | echo/0 gen 4: STOPPING -> BACKOFF (exit 1, ran 3ms, it takes no more calls), retry 4 in 500ms
