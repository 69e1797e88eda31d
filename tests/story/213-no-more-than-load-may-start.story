# 213: where a program cannot start, load tries one instance at a time, and calls end when there is nothing more to try.
[worker:echo]
command = echo-worker
instances = 0..2
no_restart_exit = 3
---
at 0ms start
at 1ms call client/1                 | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start, calls wait)
at 2ms exit echo/0 code 3            | echo/0 gen 1: STARTING -> FAILED (exit 3, ran 1ms, listed in no_restart_exit)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start, calls wait)
at 3ms exit echo/1 code 3            | echo/1 gen 1: STARTING -> FAILED (exit 3, ran 1ms, listed in no_restart_exit)
                                     | client/1: answered NO_WORKER (no instance of echo can run, echo/1 failed: exit 3), retry is safe
at 4ms call client/3                 | client/3: answered NO_WORKER (no instance of echo can run, echo/1 failed: exit 3), retry is safe
