// make_evtx DESCRIPTION OUT.evtx: an EVTX file from the text form of support/event_text.h ("-": standard
// input).
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "support/event_text.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: make_evtx DESCRIPTION OUT.evtx\n";
    return 2;
  }
  std::string text;
  if (std::string(argv[1]) == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream in(argv[1], std::ios::binary);
    if (!in) {
      std::cerr << "make_evtx: cannot read " << argv[1] << "\n";
      return 2;
    }
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  auto file = spoor::test::MakeEvtx(text);
  if (!file.ok()) {
    std::cerr << argv[1] << ": " << file.status().message() << "\n";
    return 1;
  }
  std::ofstream out(argv[2], std::ios::binary | std::ios::trunc);
  out.write(file->data(), static_cast<std::streamsize>(file->size()));
  out.close();
  if (!out) {
    std::cerr << "make_evtx: cannot write " << argv[2] << "\n";
    return 2;
  }
  return 0;
}
