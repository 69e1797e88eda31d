# 090: a start is done when the worker is ready; of one that runs already nothing has changed.
[worker:echo]
command = echo-worker
instances = 2
autostart = no
---
at 0ms start
at 1ms start echo job 1              | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 2ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 3ms start echo/1 job 2            | job 2: done 1, failed 0 of 1, changed 0
at 4ms start echo job 3
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 4ms)
                                     | job 1: done 2, failed 0 of 2, changed 2
                                     | job 3: done 2, failed 0 of 2, changed 1
at 6ms start echo job 4              | job 4: done 2, failed 0 of 2, changed 0
