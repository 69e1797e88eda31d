# 110: a call that may have run goes to another worker if its caller called it idempotent; others are told.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call a/1 idempotent           | a/1: to echo/0 gen 1, attempt 1, idempotent
at 2ms call b/1                      | b/1: to echo/1 gen 1, attempt 1
at 2ms call c/1 idempotent           | c/1: to echo/0 gen 1, attempt 1, idempotent
at 3ms exit echo/0 signal 9          | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 3ms), 2 redelivered, retry 1 in 250ms
at 4ms reply b/1                     | b/1: answered by echo/1
                                     | a/1: to echo/1 gen 1, attempt 2, idempotent, 29.998s left
at 5ms counters echo                 | echo: accepted 3, replied 1, redelivered 2, queued 1, in flight 1
