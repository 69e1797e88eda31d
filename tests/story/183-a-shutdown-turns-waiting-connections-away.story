# 183: at a shutdown connections that wait are told DRAINING, those that were handed over end with their worker.
[worker:echo]
command = echo-worker
[worker:slow]
command = slow-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
dispatch = connection
[endpoint:web]
listen = unix:web.sock
pool = slow
dispatch = connection
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn slow/0 gen 1
                                     | slow/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 6ms connect a uid 1000 endpoint app | admit a
                                     | a: handed over to echo/0 gen 1
at 7ms connect b uid 1000 endpoint web | admit b
at 8ms shutdown                      | shut
                                     | end channel slow/0
                                     | signal slow/0 TERM
                                     | slow/0 gen 1: STARTING -> STOPPING (brood ends), SIGTERM sent
                                     | b: over, DRAINING
                                     | echo/0 gen 1: UP -> DRAINING (brood ends)
                                     | goodbye echo/0
at 9ms exit echo/0 code 0            | a: over
                                     | echo/0 gen 1: DRAINING -> DOWN (exit 0, ran 9ms)
at 9ms exit slow/0 signal 15         | slow/0 gen 1: STOPPING -> DOWN (signal 15 TERM, ran 9ms)
                                     | finished
