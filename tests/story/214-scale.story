# 214: `scale` starts and drains so that there are so many; the last ones go, and finish what they have in hand.
[worker:echo]
command = echo-worker
instances = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms scale echo 3 job 1            | spawn echo/2 gen 1
                                     | echo/2 gen 1: DOWN -> STARTING (start)
at 3ms slots echo/2 1                | echo/2 gen 1: STARTING -> UP (ready after 1ms)
                                     | job 1: done 3, failed 0 of 3, changed 1
at 4ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 4ms call client/3                 | client/3: to echo/1 gen 1, attempt 1
at 4ms call client/5                 | client/5: to echo/2 gen 1, attempt 1
at 5ms scale echo 1 job 2            | echo/1 gen 1: UP -> DRAINING (fewer are needed)
                                     | echo/2 gen 1: UP -> DRAINING (fewer are needed)
at 6ms reply client/1                | client/1: answered by echo/0
at 7ms reply client/3                | client/3: answered by echo/1
                                     | flush echo/1
at 7ms flushed echo/1                | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 8ms exit echo/1 code 0            | echo/1 gen 1: STOPPING -> DOWN (exit 0, ran 8ms)
at 9ms reply client/5                | client/5: answered by echo/2
                                     | flush echo/2
at 9ms flushed echo/2                | end channel echo/2
                                     | signal echo/2 TERM
                                     | echo/2 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 10ms exit echo/2 code 0           | echo/2 gen 1: STOPPING -> DOWN (exit 0, ran 8ms)
                                     | job 2: done 1, failed 0 of 1, changed 2
# commands are about those that there are
at 11ms restart echo job 3           | echo/0 gen 1: UP -> DRAINING (on command)
                                     | flush echo/0
at 11ms flushed echo/0               | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 12ms exit echo/0 code 0           | spawn echo/0 gen 2
                                     | echo/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 12ms)
at 13ms slots echo/0 1               | echo/0 gen 2: STARTING -> UP (ready after 1ms)
                                     | job 3: done 1, failed 0 of 1, changed 1
at 14ms scale echo 1 job 4           | job 4: done 1, failed 0 of 1, changed 0
at 15ms scale echo 0 3 job 5         | job 5: done 1, failed 0 of 1, changed 0
at 16ms call client/7                | client/7: to echo/0 gen 2, attempt 1
at 17ms call client/9
at 117ms tick                        | spawn echo/1 gen 2
                                     | echo/1 gen 2: DOWN -> STARTING (start, calls wait)
at 118ms slots echo/1 1              | echo/1 gen 2: STARTING -> UP (ready after 1ms)
                                     | client/9: to echo/1 gen 2, attempt 1, 29.899s left
at 119ms reply client/7              | client/7: answered by echo/0
at 120ms reply client/9              | client/9: answered by echo/1
at 121ms stop echo job 6             | echo/1 gen 2: UP -> DRAINING (on command)
                                     | flush echo/1
                                     | echo/0 gen 2: UP -> DRAINING (on command)
                                     | flush echo/0
at 121ms flushed echo/1              | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 2: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 121ms flushed echo/0              | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 122ms exit echo/0 code 0          | echo/0 gen 2: STOPPING -> DOWN (exit 0, ran 110ms)
at 123ms exit echo/1 code 0          | echo/1 gen 2: STOPPING -> DOWN (exit 0, ran 6ms)
                                     | job 6: done 2, failed 0 of 2, changed 2
at 124ms scale echo 1 job 7          | spawn echo/0 gen 3
                                     | echo/0 gen 3: DOWN -> STARTING (start)
at 125ms exit echo/0 code 1          | echo/0 gen 3: STARTING -> BACKOFF (exit 1, ran 1ms), retry 1 in 227ms
                                     | job 7: done 0, failed 1 of 1, changed 1
