#1767571500
rm -rf /var/log/audit
