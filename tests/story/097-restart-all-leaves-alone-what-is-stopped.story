# 097: `restart all` restarts what shall run; what was stopped stays so and is no failure of the command.
[worker:runs]
command = a
[worker:stopped]
command = b
[worker:failed]
command = c
restart = never
[worker:rests]
command = d
restart = on-failure
---
at 0ms start                         | spawn runs/0 gen 1
                                     | runs/0 gen 1: DOWN -> STARTING (start)
                                     | spawn stopped/0 gen 1
                                     | stopped/0 gen 1: DOWN -> STARTING (start)
                                     | spawn failed/0 gen 1
                                     | failed/0 gen 1: DOWN -> STARTING (start)
                                     | spawn rests/0 gen 1
                                     | rests/0 gen 1: DOWN -> STARTING (start)
at 1ms slots runs/0 1                | runs/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots stopped/0 1             | stopped/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms exit failed/0 code 1          | failed/0 gen 1: STARTING -> FAILED (exit 1, ran 1ms, restart = never)
at 1ms exit rests/0 code 0           | rests/0 gen 1: STARTING -> DOWN (exit 0, ran 1ms)
at 2ms stop stopped                  | stopped/0 gen 1: UP -> DRAINING (on command)
                                     | end channel stopped/0
                                     | signal stopped/0 TERM
                                     | stopped/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 3ms exit stopped/0 code 0         | stopped/0 gen 1: STOPPING -> DOWN (exit 0, ran 3ms)
at 4ms restart all job 1 rolling 0   | runs/0 gen 1: UP -> DRAINING (on command)
                                     | end channel runs/0
                                     | signal runs/0 TERM
                                     | runs/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | spawn failed/0 gen 2
                                     | failed/0 gen 2: FAILED -> STARTING (on command)
                                     | spawn rests/0 gen 2
                                     | rests/0 gen 2: DOWN -> STARTING (on command)
at 5ms exit runs/0 code 0            | spawn runs/0 gen 2
                                     | runs/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 5ms)
at 6ms slots runs/0 1                | runs/0 gen 2: STARTING -> UP (ready after 1ms)
at 7ms slots failed/0 1              | failed/0 gen 2: STARTING -> UP (ready after 3ms)
at 8ms slots rests/0 1               | rests/0 gen 2: STARTING -> UP (ready after 4ms)
                                     | job 1: done 4, failed 0 of 4, changed 3
