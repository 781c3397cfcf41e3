# The house: one folder of src/ is one module is one CMake target, and a module sees only what stands below it.
#
# SPOOR_HOUSE lists the modules from the ground up. spoor_module(NAME ... USES ...) refuses a USES that does not
# stand below NAME. Headers are included as "module/header.h"; the include path of a module holds nothing but
# itself and the modules it uses, so an include that points upwards (or sideways) does not compile.
set(SPOOR_HOUSE base yaml intel attribution demo evidence event formats sigma match mail findings entities hunt world campaign story store cli)

function(spoor_module name)
  cmake_parse_arguments(M "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  list(FIND SPOOR_HOUSE ${name} floor)
  if(floor EQUAL -1)
    message(FATAL_ERROR "module '${name}' is not in SPOOR_HOUSE (cmake/modules.cmake)")
  endif()
  set(links)
  foreach(used ${M_USES})
    list(FIND SPOOR_HOUSE ${used} below)
    if(below EQUAL -1 OR NOT below LESS floor)
      message(FATAL_ERROR "module '${name}' may not use '${used}': dependencies point only downwards")
    endif()
    list(APPEND links spoor_${used})
  endforeach()
  set(include_root ${PROJECT_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${include_root})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${name} ${include_root}/${name} SYMBOLIC)
  add_library(spoor_${name} STATIC ${M_SOURCES})
  target_include_directories(spoor_${name} PUBLIC ${include_root})
  target_link_libraries(spoor_${name} PUBLIC ${links} ${M_LIBRARIES})
endfunction()
