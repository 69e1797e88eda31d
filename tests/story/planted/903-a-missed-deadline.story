# 903: a deadline that the story passes over is noticed, and its time told.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0ms exit echo/0 code 1            | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 1s call client/1
