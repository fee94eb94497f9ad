/** Where the pages find their backend: `config.json` beside `chat.js`, written when the web is deployed. */
export interface Config {
  http_url: string;
  websocket_url: string;
  cognito_url?: string;
  user_pool_client_id?: string;
  region?: string;
  /** `password` asks for it on our own page; `hosted` sends people to the user pool's domain. */
  sign_in?: 'password' | 'hosted';
  /** The user pool's domain, for `hosted`: `https://…`. */
  sign_in_url?: string;
}

export async function loadConfig(url: string | URL): Promise<Config> {
  const response = await fetch(url, { credentials: 'omit', cache: 'no-cache' });
  if (!response.ok) throw new Error(`config.json answered ${response.status}`);
  const config = (await response.json()) as Config;
  return { ...config, http_url: config.http_url.replace(/\/$/, '') };
}
