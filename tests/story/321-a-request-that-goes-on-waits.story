# 321: before a worker has the call, what comes of it is kept, and counts as what waits.
[worker:echo]
command = echo-worker
queue_bytes = 4K
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms call c/1 goes-on streams size 100
at 2ms more c/1 size 3000 ends       | c/1: more is kept
at 3ms call c/3 size 1000            | c/3: answered OVERLOADED (echo is overloaded: 4164 bytes would wait, queue_bytes = 4096), retry is safe
at 4ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 4ms)
                                     | c/1: to echo/0 gen 1, attempt 1, 29.997s left
at 5ms more c/1 size 500 ends last   | c/1: more to echo/0
at 6ms reply c/1                     | c/1: answered by echo/0
at 7ms counters echo                 | echo: accepted 1, replied 1, refused 1
