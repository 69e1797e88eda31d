# 114: a call that has lost its worker may have run, whatever becomes of it then.
[worker:echo]
command = echo-worker
restart_jitter = 0%
redeliver = always
restart_limit = 1/10s
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 3                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1 timeout 100ms        | a/1: to echo/0 gen 1, attempt 1, 0.1s left
at 2ms call b/1                      | b/1: to echo/0 gen 1, attempt 1
at 2ms call c/1                      | c/1: to echo/0 gen 1, attempt 1
at 3ms exit echo/0 signal 9          | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 3ms), 3 redelivered, retry 1 in 250ms
at 20ms cancel b/1                   | b/1: answered CANCELLED (cancelled by the caller, it may have run)
at 102ms tick                        | a/1: answered DEADLINE (no answer within 100ms (its worker ended, it waited for another one, it may have run))
at 253ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 254ms exit echo/0 cannot exec 2   | echo/0 gen 2: STARTING -> FAILED (cannot start: exec of echo-worker: No such file or directory, over restart_limit)
                                     | c/1: answered NO_WORKER (no instance of echo can run, echo/0 failed: cannot start: exec of echo-worker: No such file or directory; the call may have run)
at 255ms counters echo               | echo: accepted 3, errored 3, expired 1, redelivered 3
