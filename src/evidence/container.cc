#include "evidence/container.h"
namespace spoor {
struct Container::Impl {
  std::vector<ContainerProblem> p;
};
Container::Container(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Container::~Container() = default;
bool Container::Recognise(const uint8_t*, size_t) { return false; }
std::unique_ptr<Container> Container::Open(ReadAt, uint64_t, std::string, ContainerOptions) { return nullptr; }
const ContainerEntry* Container::Next() { return nullptr; }
absl::StatusOr<size_t> Container::Read(uint8_t*, size_t) { return 0; }
const std::vector<ContainerProblem>& Container::problems() const { return impl_->p; }
uint64_t Container::consumed() const { return 0; }
}  // namespace spoor
