# 028: with restart = on-failure an end that success_exit lists is the end; any other one is a failure.
[defaults]
restart = on-failure
restart_jitter = 0%
[worker:done]
command = x
[worker:hung-up]
command = x
[worker:failed]
command = x
[worker:own-codes]
command = x
success_exit = 3
---
at 0ms start                         | spawn done/0 gen 1
                                     | done/0 gen 1: DOWN -> STARTING (start)
                                     | spawn hung-up/0 gen 1
                                     | hung-up/0 gen 1: DOWN -> STARTING (start)
                                     | spawn failed/0 gen 1
                                     | failed/0 gen 1: DOWN -> STARTING (start)
                                     | spawn own-codes/0 gen 1
                                     | own-codes/0 gen 1: DOWN -> STARTING (start)
at 1ms slots done/0 1                | done/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots hung-up/0 1             | hung-up/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots failed/0 1              | failed/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots own-codes/0 1           | own-codes/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms exit done/0 code 0            | done/0 gen 1: UP -> DOWN (exit 0, ran 2ms)
at 2ms exit hung-up/0 signal 1       | hung-up/0 gen 1: UP -> DOWN (signal 1 HUP, ran 2ms)
at 2ms exit failed/0 signal 11 core  | failed/0 gen 1: UP -> BACKOFF (signal 11 SEGV, core dumped, ran 2ms), retry 1 in 250ms
at 2ms exit own-codes/0 code 3       | own-codes/0 gen 1: UP -> DOWN (exit 3, ran 2ms)
at 3ms start own-codes               | spawn own-codes/0 gen 2
                                     | own-codes/0 gen 2: DOWN -> STARTING (start)
at 4ms exit own-codes/0 code 0       | own-codes/0 gen 2: STARTING -> BACKOFF (exit 0, ran 1ms), retry 1 in 250ms
