# 210: one instance more when the oldest call has waited for scale_up_after and no slot is free; one at a time.
[worker:echo]
command = echo-worker
instances = 1..3
scale_up_after = 50ms
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 3ms call client/3
at 4ms call client/5
at 5ms call client/7
at 53ms tick                         | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start, calls wait)
# it is on its way: no other is started meanwhile
at 100ms call client/9
at 200ms slots echo/1 1              | echo/1 gen 1: STARTING -> UP (ready after 147ms)
                                     | client/3: to echo/1 gen 1, attempt 1, 29.803s left
                                     | spawn echo/2 gen 1
                                     | echo/2 gen 1: DOWN -> STARTING (start, calls wait)
at 201ms slots echo/2 1              | echo/2 gen 1: STARTING -> UP (ready after 1ms)
                                     | client/5: to echo/2 gen 1, attempt 1, 29.803s left
at 202ms call client/11
at 300ms reply client/1              | client/1: answered by echo/0
                                     | client/7: to echo/0 gen 1, attempt 1, 29.705s left
at 301ms reply client/3              | client/3: answered by echo/1
                                     | client/9: to echo/1 gen 1, attempt 1, 29.799s left
at 302ms reply client/5              | client/5: answered by echo/2
                                     | client/11: to echo/2 gen 1, attempt 1, 29.9s left
at 303ms reply client/7              | client/7: answered by echo/0
at 304ms reply client/9              | client/9: answered by echo/1
at 305ms reply client/11             | client/11: answered by echo/2
