// Writing archives and compressed files in a test, by libarchive.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spoor::test {

struct Member {
  std::string name;
  std::string data;
  char type = 'f';  // 'f' file, 'd' folder, 'l' symbolic link to `data`, 'h' hard link to `data`, 'c' device
};

// `format`: zip, 7zip, pax, ustar, gnutar, v7tar, cpio, newc, bin, arbsd, iso9660, as libarchive calls them. `filter`:
// "", gzip, bzip2, xz, zstd, lz4, lzip, compress. `options` as archive_write_set_options wants them
// ("zip:encryption=aes256").
std::string MakeArchive(const std::string& format, const std::vector<Member>& members, const std::string& filter = "",
                        const std::string& options = "", const std::string& password = "");
std::string Compressed(const std::string& filter, std::string_view data);

}  // namespace spoor::test
