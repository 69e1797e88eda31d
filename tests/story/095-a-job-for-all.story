# 095: a command for all is one job; starts go up the file, stops go down.
[worker:a]
command = a
instances = 2
[worker:b]
command = b
autostart = no
---
at 0ms start                         | spawn a/0 gen 1
                                     | a/0 gen 1: DOWN -> STARTING (start)
                                     | spawn a/1 gen 1
                                     | a/1 gen 1: DOWN -> STARTING (start)
at 1ms slots a/0 1                   | a/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots a/1 1                   | a/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms start all job 1               | spawn b/0 gen 1
                                     | b/0 gen 1: DOWN -> STARTING (start)
at 3ms slots b/0 1                   | b/0 gen 1: STARTING -> UP (ready after 1ms)
                                     | job 1: done 3, failed 0 of 3, changed 1
at 4ms stop all job 2                | b/0 gen 1: UP -> DRAINING (on command)
                                     | end channel b/0
                                     | signal b/0 TERM
                                     | b/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | a/1 gen 1: UP -> DRAINING (on command)
                                     | end channel a/1
                                     | signal a/1 TERM
                                     | a/1 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | a/0 gen 1: UP -> DRAINING (on command)
                                     | end channel a/0
                                     | signal a/0 TERM
                                     | a/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 5ms exit a/0 code 0               | a/0 gen 1: STOPPING -> DOWN (exit 0, ran 5ms)
at 5ms exit a/1 code 0               | a/1 gen 1: STOPPING -> DOWN (exit 0, ran 5ms)
at 5ms exit b/0 code 0               | b/0 gen 1: STOPPING -> DOWN (exit 0, ran 3ms)
                                     | job 2: done 3, failed 0 of 3, changed 3
