// Lets go of what an object holds, its memory with it.
#pragma once

namespace spoor {

// (To a vector `= {}` is a list of no elements: it keeps its memory.)
template <typename T>
void Release(T* object) {
  *object = T();
}

}  // namespace spoor
