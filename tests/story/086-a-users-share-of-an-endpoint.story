# 086: a user over max_clients_per_uid of an endpoint is refused there, with the limit; others and operators are not.
[brood]
max_clients_per_uid = 10
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
max_clients_per_uid = 2
[endpoint:web]
listen = unix:web.sock
pool = echo
---
at 0ms connect a1 uid 1000 endpoint app | admit a1
at 1ms connect a2 uid 1000 endpoint app | admit a2
at 2ms connect a3 uid 1000 endpoint app | refuse a3 (limit 2)
at 3ms connect a3 uid 1000 endpoint web | admit a3
at 4ms connect b1 uid 1001 endpoint app | admit b1
at 5ms connect operator uid 1000     | admit operator
at 6ms gone a1
at 7ms connect a4 uid 1000 endpoint app | admit a4
