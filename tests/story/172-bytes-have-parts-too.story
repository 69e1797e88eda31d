# 172: C10: queue_bytes holds for all, also for clients that are paced; but each user has its part of it.
[worker:echo]
command = echo-worker
queue_bytes = 4K
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect flood uid 1000 endpoint app | admit flood
at 2ms connect alice uid 1001 endpoint app | admit alice
at 3ms call flood/1                  | flood/1: to echo/0 gen 1, attempt 1
at 3ms call flood/3 size 4096        | echo: 1 of 1024 calls wait (4096 of 4096 bytes): its clients are slowed down
                                     | slots flood 1
at 3ms call flood/5 size 1           | flood/5: answered OVERLOADED (echo is overloaded: 4097 bytes would wait, queue_bytes = 4096), retry is safe
at 4ms call alice/1 size 2048        | slots alice 1
at 4ms call alice/3 size 1           | alice/3: answered OVERLOADED (echo is overloaded: 2048 bytes of this user wait, its part of queue_bytes is 2048), retry is safe
at 5ms reply flood/1                 | flood/1: answered by echo/0
                                     | flood/3: to echo/0 gen 1, attempt 1, 29.998s left
at 6ms reply flood/3                 | flood/3: answered by echo/0
                                     | alice/1: to echo/0 gen 1, attempt 1, 29.998s left
                                     | echo: 0 of 1024 calls wait (0 of 4096 bytes): there is room again
                                     | slots flood 256
                                     | slots alice 256
at 7ms call flood/7 size 4000        | echo: 1 of 1024 calls wait (4000 of 4096 bytes): its clients are slowed down
                                     | slots flood 1
                                     | slots alice 1
