# 013: a restart ends what runs and starts it again at once, without the delays of policy.
# What shall be down is started by its name, and not by `restart all`.
[defaults]
restart_jitter = 0%
stop_timeout = 1s
[worker:starting]
command = x
[worker:up]
command = x
[worker:busy]
command = x
[worker:backoff]
command = x
[worker:failed]
command = x
restart = never
[worker:down]
command = x
autostart = no
---
at 0ms start                         | spawn starting/0 gen 1
                                     | starting/0 gen 1: DOWN -> STARTING (start)
                                     | spawn up/0 gen 1
                                     | up/0 gen 1: DOWN -> STARTING (start)
                                     | spawn busy/0 gen 1
                                     | busy/0 gen 1: DOWN -> STARTING (start)
                                     | spawn backoff/0 gen 1
                                     | backoff/0 gen 1: DOWN -> STARTING (start)
                                     | spawn failed/0 gen 1
                                     | failed/0 gen 1: DOWN -> STARTING (start)
at 1ms slots up/0 1                  | up/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots busy/0 1                | busy/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms call client/1 pool busy       | client/1: to busy/0 gen 1, attempt 1
at 1ms exit backoff/0 code 1         | backoff/0 gen 1: STARTING -> BACKOFF (exit 1, ran 1ms), retry 1 in 250ms
at 1ms exit failed/0 code 1          | failed/0 gen 1: STARTING -> FAILED (exit 1, ran 1ms, restart = never)
at 2ms restart all rolling 0                   | end channel starting/0
                                     | signal starting/0 TERM
                                     | starting/0 gen 1: STARTING -> STOPPING (on command), SIGTERM sent
                                     | up/0 gen 1: UP -> DRAINING (on command)
                                     | end channel up/0
                                     | signal up/0 TERM
                                     | up/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | busy/0 gen 1: UP -> DRAINING (on command)
                                     | spawn backoff/0 gen 2
                                     | backoff/0 gen 2: BACKOFF -> STARTING (on command)
                                     | spawn failed/0 gen 2
                                     | failed/0 gen 2: FAILED -> STARTING (on command)
at 3ms restart busy
at 4ms exit up/0 code 0              | spawn up/0 gen 2
                                     | up/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 4ms)
at 5ms exit starting/0 signal 15     | spawn starting/0 gen 2
                                     | starting/0 gen 2: STOPPING -> STARTING (gen 1: signal 15 TERM, ran 5ms)
at 1002ms tick                       | end channel busy/0
                                     | signal busy/0 TERM
                                     | busy/0 gen 1: DRAINING -> STOPPING (stop_timeout passed), SIGTERM sent
at 1003ms restart busy
at 2002ms tick                       | kill busy/0
                                     | busy/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 2003ms restart busy
at 2004ms exit busy/0 signal 9       | client/1: answered WORKER_CRASHED (busy/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | spawn busy/0 gen 2
                                     | busy/0 gen 2: KILLING -> STARTING (gen 1: signal 9 KILL, ran 2.0s), 1 call in hand lost
at 2005ms restart all rolling 0      | end channel starting/0
                                     | signal starting/0 TERM
                                     | starting/0 gen 2: STARTING -> STOPPING (on command), SIGTERM sent
                                     | end channel up/0
                                     | signal up/0 TERM
                                     | up/0 gen 2: STARTING -> STOPPING (on command), SIGTERM sent
                                     | end channel busy/0
                                     | signal busy/0 TERM
                                     | busy/0 gen 2: STARTING -> STOPPING (on command), SIGTERM sent
                                     | end channel backoff/0
                                     | signal backoff/0 TERM
                                     | backoff/0 gen 2: STARTING -> STOPPING (on command), SIGTERM sent
                                     | end channel failed/0
                                     | signal failed/0 TERM
                                     | failed/0 gen 2: STARTING -> STOPPING (on command), SIGTERM sent
at 2006ms restart down               | spawn down/0 gen 1
                                     | down/0 gen 1: DOWN -> STARTING (on command)
