# 053: slots of the configuration is the most that an instance has in hand, whatever it announces.
[worker:echo]
command = echo-worker
slots = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 100              | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3                 | client/3: to echo/0 gen 1, attempt 1
at 2ms call client/5
at 3ms slots echo/0 1
at 4ms reply client/1                | client/1: answered by echo/0
at 5ms reply client/3                | client/3: answered by echo/0
                                     | client/5: to echo/0 gen 1, attempt 1, 29.997s left
