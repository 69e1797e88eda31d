# 029: with restart = never a success is the end, and a failure is the end that needs looking at.
[defaults]
restart = never
[worker:done]
command = x
[worker:failed]
command = x
---
at 0ms start                         | spawn done/0 gen 1
                                     | done/0 gen 1: DOWN -> STARTING (start)
                                     | spawn failed/0 gen 1
                                     | failed/0 gen 1: DOWN -> STARTING (start)
at 1ms slots done/0 1                | done/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots failed/0 1              | failed/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms exit done/0 code 0            | done/0 gen 1: UP -> DOWN (exit 0, ran 2ms)
at 2ms exit failed/0 code 1          | failed/0 gen 1: UP -> FAILED (exit 1, ran 2ms, restart = never)
at 3ms call client/1 pool done       | client/1: answered NO_WORKER (done is stopped), retry is safe
at 3ms call client/3 pool failed     | client/3: answered NO_WORKER (no instance of failed can run, failed/0 failed: exit 1), retry is safe
