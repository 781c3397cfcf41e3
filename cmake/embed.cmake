# spoor_embed(OUT NAMESPACE ns FILES f...): makes each text file a std::string_view constant ns::<stem> in a
# generated .cc, and appends the generated sources to OUT. Declare it as: extern const std::string_view <stem>;
function(spoor_embed out)
  cmake_parse_arguments(E "" "NAMESPACE" "FILES" ${ARGN})
  set(generated)
  foreach(file ${E_FILES})
    get_filename_component(stem ${file} NAME_WE)
    set(target ${CMAKE_CURRENT_BINARY_DIR}/embedded_${stem}.cc)
    add_custom_command(
      OUTPUT ${target}
      COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_CURRENT_SOURCE_DIR}/${file} -DOUTPUT=${target}
              -DNAMESPACE=${E_NAMESPACE} -DNAME=${stem} -P ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
      VERBATIM)
    list(APPEND generated ${target})
  endforeach()
  set(${out} ${generated} PARENT_SCOPE)
endfunction()
