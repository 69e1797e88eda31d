# 006: a start that fails before the program runs names the stage, and what the stage was about.
[defaults]
restart_jitter = 0%
[worker:a]
command = /usr/bin/a --fast
[worker:b]
command = b
cwd = /srv/b
[worker:c]
command = c
user = www-data
---
at 0ms start                         | spawn a/0 gen 1
                                     | a/0 gen 1: DOWN -> STARTING (start)
                                     | spawn b/0 gen 1
                                     | b/0 gen 1: DOWN -> STARTING (start)
                                     | spawn c/0 gen 1
                                     | c/0 gen 1: DOWN -> STARTING (start)
at 0ms exit a/0 cannot exec 2        | a/0 gen 1: STARTING -> BACKOFF (cannot start: exec of /usr/bin/a: No such file or directory), retry 1 in 250ms
at 0ms exit b/0 cannot chdir 13      | b/0 gen 1: STARTING -> BACKOFF (cannot start: chdir to /srv/b: Permission denied), retry 1 in 250ms
at 0ms exit c/0 cannot user 1        | c/0 gen 1: STARTING -> BACKOFF (cannot start: changing user and groups to www-data: Operation not permitted), retry 1 in 250ms
