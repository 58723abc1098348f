# What is traced by definitions.txt: a shell of busybox that waits for a line on the fifo it is given, so that everything is
# attached before it begins. Every function and tracepoint of the definitions is hit by it.
read go < "$1"
cd /tmp
ls -la /bin > /dev/null
cat /proc/self/status /proc/meminfo > /dev/null
echo hello > /tmp/file-a; cat /tmp/file-a > /dev/null; ln -s file-a /tmp/link-a; readlink /tmp/link-a > /dev/null
dd if=/dev/zero of=/tmp/blob bs=4096 count=6 2> /dev/null; rm /tmp/blob
mkdir -p /tmp/d/e/f/g; mv /tmp/file-a /tmp/d/e/f/g/file-b; stat /tmp/d/e/f/g/file-b > /dev/null; cat /tmp/d/e/f/g/file-b > /dev/null
chmod 640 /tmp/d/e/f/g/file-b; touch /tmp/d/e/f/g/file-b; rm -r /tmp/d
mkdir /tmp/r; rmdir /tmp/r
sleep 0.05
(true) & (true) & wait
sleep 5 & kill $!; wait
echo one two | tr o 0 | cat > /dev/null
ping -c 1 127.0.0.1 > /dev/null 2>&1
mkdir /tmp/m; mount -t tmpfs -o size=1m none /tmp/m; echo text > /tmp/m/f1; cp /tmp/m/f1 /tmp/m/f2; cmp /tmp/m/f1 /tmp/m/f2; cat /tmp/m/f1 > /dev/null
umount /tmp/m; rmdir /tmp/m
head -c 3000 /dev/urandom | md5sum > /dev/null
cat /nowhere 2> /dev/null
rm -f /tmp/link-a
