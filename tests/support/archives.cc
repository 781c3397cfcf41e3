#include "support/archives.h"

#include <archive.h>
#include <archive_entry.h>

#include <cstdio>
#include <cstdlib>

namespace spoor::test {
namespace {

la_ssize_t Append(archive*, void* to, const void* bytes, size_t size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

void Check(archive* a, int result) {
  if (result == ARCHIVE_OK || result == ARCHIVE_WARN) return;
  std::fprintf(stderr, "writing an archive: %s\n", archive_error_string(a));
  std::abort();
}

}  // namespace

std::string MakeArchive(const std::string& format, const std::vector<Member>& members, const std::string& filter,
                        const std::string& options, const std::string& password) {
  std::string out;
  archive* a = archive_write_new();
  Check(a, archive_write_set_format_by_name(a, format.c_str()));
  if (!filter.empty()) Check(a, archive_write_add_filter_by_name(a, filter.c_str()));
  Check(a, archive_write_set_bytes_in_last_block(a, 1));
  if (!options.empty()) Check(a, archive_write_set_options(a, options.c_str()));
  if (!password.empty()) Check(a, archive_write_set_passphrase(a, password.c_str()));
  Check(a, archive_write_open(a, &out, nullptr, Append, nullptr));
  for (const Member& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1'700'000'000, 0);
    archive_entry_set_filetype(entry, member.type == 'd'   ? AE_IFDIR
                                      : member.type == 'l' ? AE_IFLNK
                                      : member.type == 'c' ? AE_IFCHR
                                                           : AE_IFREG);
    const bool file = member.type == 'f';
    archive_entry_set_size(entry, file ? static_cast<la_int64_t>(member.data.size()) : 0);
    if (member.type == 'l') archive_entry_set_symlink(entry, member.data.c_str());
    if (member.type == 'h') archive_entry_set_hardlink(entry, member.data.c_str());
    Check(a, archive_write_header(a, entry));
    size_t written = 0;
    while (file && written < member.data.size()) {
      const la_ssize_t n = archive_write_data(a, member.data.data() + written, member.data.size() - written);
      if (n <= 0) Check(a, ARCHIVE_FATAL);
      written += static_cast<size_t>(n);
    }
    archive_entry_free(entry);
  }
  Check(a, archive_write_close(a));
  archive_write_free(a);
  return out;
}

std::string Compressed(const std::string& filter, std::string_view data) {
  return MakeArchive("raw", {{"data", std::string(data)}}, filter);
}

}  // namespace spoor::test
