# 054: one call more than queue allows is answered at once with both numbers.
[worker:echo]
command = echo-worker
queue = 2
on_overflow = reject
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3
at 2ms call client/5                 | echo: 2 of 2 calls wait (200 of 67108864 bytes): what does not fit is refused
at 2ms call client/7                 | client/7: answered OVERLOADED (echo is overloaded: 2 calls wait, queue = 2), retry is safe
at 3ms reply client/1                | client/1: answered by echo/0
                                     | client/3: to echo/0 gen 1, attempt 1, 29.999s left
at 3ms call client/9
at 4ms counters echo                 | echo: accepted 4, replied 1, refused 1, tight 1, queued 2, in flight 1
