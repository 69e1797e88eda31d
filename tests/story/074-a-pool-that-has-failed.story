# 074: when the last instance of a pool has failed, what waits is answered, and so is every call to come.
[worker:echo]
command = echo-worker
instances = 2
restart = never
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 1ms call client/3
at 1ms call client/5
at 2ms exit echo/1 code 2            | echo/1 gen 1: STARTING -> FAILED (exit 2, ran 2ms, restart = never)
at 3ms unsent client/1
at 3ms exit echo/0 signal 6          | echo/0 gen 1: UP -> FAILED (signal 6 ABRT, ran 3ms, restart = never), 1 requeued
                                     | client/1: answered NO_WORKER (no instance of echo can run, echo/0 failed: signal 6 ABRT), retry is safe
                                     | client/3: answered NO_WORKER (no instance of echo can run, echo/0 failed: signal 6 ABRT), retry is safe
                                     | client/5: answered NO_WORKER (no instance of echo can run, echo/0 failed: signal 6 ABRT), retry is safe
at 4ms call client/7                 | client/7: answered NO_WORKER (no instance of echo can run, echo/0 failed: signal 6 ABRT), retry is safe
at 4ms counters echo                 | echo: accepted 3, errored 3, refused 1, requeued 1
