/**
 * One source did not provide the tool, for example because a host is unreachable or a program is not installed. The
 * resolver then tries the next source. Any other error, such as a digest that does not match, ends the search.
 */
export class AcquisitionFailed extends Error {
  override readonly name = 'AcquisitionFailed';
}
