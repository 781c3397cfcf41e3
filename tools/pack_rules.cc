// pack_rules OUT.cc FOLDER: writes the rule files below FOLDER as one compressed byte array.
//
// Compressed, so that virus scanners do not take the strings rules look for as malware. The array holds raw deflate
// data; inflated it is, for each file in order of path: path, NUL, size in decimal, NUL, text.
#include <libdeflate.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(argv[2])) {
    if (entry.is_regular_file() && entry.path().extension() == ".yml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string plain;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    plain += fs::relative(file, argv[2]).string() + '\0' + std::to_string(text.size()) + '\0' + text;
  }
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(12);
  std::string packed(libdeflate_deflate_compress_bound(compressor, plain.size()), '\0');
  packed.resize(libdeflate_deflate_compress(compressor, plain.data(), plain.size(), packed.data(), packed.size()));
  libdeflate_free_compressor(compressor);
  std::FILE* out = std::fopen(argv[1], "w");
  if (out == nullptr) return 1;
  std::fprintf(out,
               "#include \"cli/builtin_rules.h\"\nnamespace spoor::data {\n"
               "extern const size_t kRulesPlainSize = %zu;\nextern const size_t kRulesPackedSize = %zu;\n"
               "extern const unsigned char kRulesPacked[] = {",
               plain.size(), packed.size());
  for (size_t i = 0; i < packed.size(); ++i) {
    std::fprintf(out, "%s0x%02x,", i % 20 == 0 ? "\n" : "", static_cast<unsigned char>(packed[i]));
  }
  std::fprintf(out, "0};\n}\n");
  return std::fclose(out) == 0 ? 0 : 1;
}
