import { api } from './client.ts';

/** Ends the session of the browser, and shows the login page. */
export async function logOut(): Promise<void> {
  await api.POST('/api/logout');
  location.assign('/login');
}
