# 022: a run that ends before restart_reset forgets nothing, however often it was ready; one that lasts forgets all.
[worker:echo]
command = echo-worker
restart_jitter = 0%
restart_reset = 10s
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s slots echo/0 1                 | echo/0 gen 1: STARTING -> UP (ready after 0ms)
at 9.999s exit echo/0 code 1         | echo/0 gen 1: UP -> BACKOFF (exit 1, ran 9.9s), retry 1 in 250ms
at 10.249s tick                      | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 10.249s slots echo/0 1            | echo/0 gen 2: STARTING -> UP (ready after 0ms)
at 20.248s exit echo/0 code 1        | echo/0 gen 2: UP -> BACKOFF (exit 1, ran 9.9s), retry 2 in 500ms
at 20.748s tick                      | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 20.748s slots echo/0 1            | echo/0 gen 3: STARTING -> UP (ready after 0ms)
# forgotten while it runs; nothing is said about it
at 30.748s tick
at 40s exit echo/0 code 1            | echo/0 gen 3: UP -> BACKOFF (exit 1, ran 19.2s), retry 1 at once
                                     | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 40s slots echo/0 1                | echo/0 gen 4: STARTING -> UP (ready after 0ms)
at 41s exit echo/0 code 1            | echo/0 gen 4: UP -> BACKOFF (exit 1, ran 1.0s), retry 2 in 250ms
at 41.25s tick                       | spawn echo/0 gen 5
                                     | echo/0 gen 5: BACKOFF -> STARTING (delay over)
