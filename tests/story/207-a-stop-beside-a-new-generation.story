# 207: a stop ends both generations, whichever is up; so does the end of everything.
[worker:echo]
command = echo-worker
update = overlap
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms restart echo job 1            | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start, the old one serves meanwhile)
at 3ms stop echo job 2               | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: STARTING -> STOPPING (on command), SIGTERM sent
                                     | echo/0 gen 1: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | job 1: done 0, failed 1 of 1, changed 1
at 4ms exit echo/0 code 0            | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 4ms)
at 5ms exit echo/0 new signal 15     | echo/0 gen 2: STOPPING -> DOWN (signal 15 TERM, ran 3ms)
                                     | job 2: done 1, failed 0 of 1, changed 1
at 6ms start echo job 3              | spawn echo/0 gen 3
                                     | echo/0 gen 3: DOWN -> STARTING (start)
at 7ms slots echo/0 1                | echo/0 gen 3: STARTING -> UP (ready after 1ms)
                                     | job 3: done 1, failed 0 of 1, changed 1
at 8ms call client/1                 | client/1: to echo/0 gen 3, attempt 1
at 9ms restart echo job 4            | spawn echo/0 gen 4
                                     | echo/0 gen 4: DOWN -> STARTING (start, the old one serves meanwhile)
at 10ms slots echo/0 new 1           | echo/0 gen 4: STARTING -> UP (ready after 1ms)
                                     | echo/0 gen 3: UP -> DRAINING (the new one is up)
at 11ms restart echo job 5
at 12ms stop echo job 6              | echo/0 gen 4: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 4: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | job 4: done 0, failed 1 of 1, changed 1
                                     | job 5: done 0, failed 1 of 1, changed 0
at 13ms exit echo/0 code 0           | echo/0 gen 4: STOPPING -> DOWN (exit 0, ran 4ms)
at 14ms reply client/1               | client/1: answered by echo/0
                                     | flush echo/0
at 14ms flushed echo/0 old           | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 3: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 15ms exit echo/0 old code 0       | echo/0 gen 3: STOPPING -> DOWN (exit 0, ran 9ms)
                                     | job 6: done 1, failed 0 of 1, changed 1
at 16ms start echo                   | spawn echo/0 gen 5
                                     | echo/0 gen 5: DOWN -> STARTING (start)
at 17ms slots echo/0 1               | echo/0 gen 5: STARTING -> UP (ready after 1ms)
at 18ms restart echo job 7           | spawn echo/0 gen 6
                                     | echo/0 gen 6: DOWN -> STARTING (start, the old one serves meanwhile)
at 19ms stop echo                    | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 6: STARTING -> STOPPING (on command), SIGTERM sent
                                     | echo/0 gen 5: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 5: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | job 7: done 0, failed 1 of 1, changed 1
at 20ms start echo job 8
at 21ms exit echo/0 code 0           | spawn echo/0 gen 7
                                     | echo/0 gen 7: STOPPING -> STARTING (gen 5: exit 0, ran 5ms)
at 22ms exit echo/0 new code 0       | echo/0 gen 6: STOPPING -> DOWN (exit 0, ran 4ms)
at 23ms slots echo/0 1               | echo/0 gen 7: STARTING -> UP (ready after 2ms)
                                     | job 8: done 1, failed 0 of 1, changed 1
at 24ms restart echo job 9           | spawn echo/0 gen 8
                                     | echo/0 gen 8: DOWN -> STARTING (start, the old one serves meanwhile)
at 25ms shutdown                     | shut
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 8: STARTING -> STOPPING (brood ends), SIGTERM sent
                                     | echo/0 gen 7: UP -> DRAINING (brood ends)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 7: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | job 9: done 0, failed 1 of 1, changed 1
at 26ms exit echo/0 code 0           | echo/0 gen 7: STOPPING -> DOWN (exit 0, ran 5ms)
at 27ms exit echo/0 new code 0       | echo/0 gen 8: STOPPING -> DOWN (exit 0, ran 3ms)
                                     | finished
