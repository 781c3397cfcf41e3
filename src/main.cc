#include "cli/verbs.h"

int main(int argc, char** argv) { return spoor::Main(argc, argv); }
