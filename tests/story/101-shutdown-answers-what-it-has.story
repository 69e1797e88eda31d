# 101: a shutdown lets calls finish, refuses new ones, and finishes when the last one is answered.
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
max_clients = 1
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect client uid 1000 endpoint app | admit client
                                     | pause app
at 2ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 2ms call client/3
at 3ms shutdown                      | shut
                                     | echo/0 gen 1: UP -> DRAINING (brood ends)
at 4ms call client/5                 | client/5: answered DRAINING (brood is stopping), retry is safe
at 5ms reply client/1                | client/1: answered by echo/0
                                     | client/3: to echo/0 gen 1, attempt 1, 29.997s left
at 6ms shutdown
at 7ms reply client/3                | client/3: answered by echo/0
                                     | flush echo/0
at 7ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 8ms exit echo/0 signal 15         | echo/0 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 8ms)
                                     | finished
at 8ms call client/7                 | client/7: answered DRAINING (brood is stopping), retry is safe
