/**
 * One way of getting a tool did not work here, and the next way may: a host out of reach, a program that is not
 * installed. Anything else that is thrown (a digest that does not match) ends the search.
 */
export class AcquisitionFailed extends Error {
  override readonly name = 'WayFailed';
}
