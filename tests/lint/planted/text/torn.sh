#!/bin/sh
# Planted: an if without its end, and a tab.
if true; then
	echo yes
