# 106: nothing is started any more during a shutdown; a start or restart has failed, a stop is what happens anyway.
[worker:a]
command = a
[worker:b]
command = b
---
at 0s start                          | spawn a/0 gen 1
                                     | a/0 gen 1: DOWN -> STARTING (start)
                                     | spawn b/0 gen 1
                                     | b/0 gen 1: DOWN -> STARTING (start)
at 0s slots a/0 1                    | a/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s slots b/0 1                    | b/0 gen 1: STARTING -> UP (ready after 0ms)
at 0.5s start a job 1                | job 1: done 1, failed 0 of 1, changed 0
at 0.5s restart b job 2              | b/0 gen 1: UP -> DRAINING (on command)
                                     | end channel b/0
                                     | signal b/0 TERM
                                     | b/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 1s shutdown                       | shut
                                     | a/0 gen 1: UP -> DRAINING (brood ends)
                                     | end channel a/0
                                     | signal a/0 TERM
                                     | a/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | job 2: done 0, failed 1 of 1, changed 1
at 1.1s start a job 3                | job 3: done 0, failed 1 of 1, changed 1
at 1.1s restart a job 4              | job 4: done 0, failed 0, left 1 of 1, changed 0
at 1.1s stop a job 5
at 1.2s exit a/0 code 0              | a/0 gen 1: STOPPING -> DOWN (exit 0, ran 1.2s)
                                     | job 5: done 1, failed 0 of 1, changed 1
at 1.2s exit b/0 code 0              | b/0 gen 1: STOPPING -> DOWN (exit 0, ran 1.2s)
                                     | finished
