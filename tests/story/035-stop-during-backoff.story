# 035: a stop of a worker that waits for its next start is done at once, and so is waiting for it.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms call client/1
at 2ms exit echo/0 code 1            | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 2ms), retry 1 in 250ms
at 3ms call client/3
at 4ms stop echo job 1               | echo/0 gen 1: BACKOFF -> DOWN (on command)
                                     | client/1: answered NO_WORKER (echo is stopped), retry is safe
                                     | client/3: answered NO_WORKER (echo is stopped), retry is safe
                                     | job 1: done 1, failed 0 of 1, changed 1
at 5ms call client/5                 | client/5: answered NO_WORKER (echo is stopped), retry is safe
at 1m tick
