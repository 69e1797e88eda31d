# 020: a worker that dies at once is started again after 0.25, 0.5, 1, 2, 4, 8, 16 seconds, and then every 30.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s exit echo/0 code 1             | echo/0 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 0.25s tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 0.25s exit echo/0 code 1          | echo/0 gen 2: STARTING -> BACKOFF (exit 1, ran 0ms), retry 2 in 500ms
at 0.75s tick                        | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 0.75s exit echo/0 code 1          | echo/0 gen 3: STARTING -> BACKOFF (exit 1, ran 0ms), retry 3 in 1.0s
at 1.75s tick                        | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 1.75s exit echo/0 code 1          | echo/0 gen 4: STARTING -> BACKOFF (exit 1, ran 0ms), retry 4 in 2.0s
at 3.75s tick                        | spawn echo/0 gen 5
                                     | echo/0 gen 5: BACKOFF -> STARTING (delay over)
at 3.75s exit echo/0 code 1          | echo/0 gen 5: STARTING -> BACKOFF (exit 1, ran 0ms), retry 5 in 4.0s
at 7.75s tick                        | spawn echo/0 gen 6
                                     | echo/0 gen 6: BACKOFF -> STARTING (delay over)
at 7.75s exit echo/0 code 1          | echo/0 gen 6: STARTING -> BACKOFF (exit 1, ran 0ms), retry 6 in 8.0s
at 15.75s tick                       | spawn echo/0 gen 7
                                     | echo/0 gen 7: BACKOFF -> STARTING (delay over)
at 15.75s exit echo/0 code 1         | echo/0 gen 7: STARTING -> BACKOFF (exit 1, ran 0ms), retry 7 in 16.0s
at 31.75s tick                       | spawn echo/0 gen 8
                                     | echo/0 gen 8: BACKOFF -> STARTING (delay over)
at 31.75s exit echo/0 code 1         | echo/0 gen 8: STARTING -> BACKOFF (exit 1, ran 0ms), retry 8 in 30.0s
at 61.75s tick                       | spawn echo/0 gen 9
                                     | echo/0 gen 9: BACKOFF -> STARTING (delay over)
at 61.75s exit echo/0 code 1         | echo/0 gen 9: STARTING -> BACKOFF (exit 1, ran 0ms), retry 9 in 30.0s
at 91.75s tick                       | spawn echo/0 gen 10
                                     | echo/0 gen 10: BACKOFF -> STARTING (delay over)
at 91.75s exit echo/0 code 1         | echo/0 gen 10: STARTING -> BACKOFF (exit 1, ran 0ms), retry 10 in 30.0s
