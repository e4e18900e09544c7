"""Domains that a provider shares among its users: free mail, networks, market places, hosted sites.

Whoever has one of them as the domain of an e-mail or a site is no company's by it. The list is not complete and cannot
be; a domain that two companies of one source have is nobody's in any case (composed.py).
"""

from __future__ import annotations

FREE_MAIL = """
gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.de yahoo.fr yahoo.es yahoo.it
yahoo.com.br yahoo.com.cn yahoo.cn ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es
hotmail.it outlook.com outlook.de outlook.fr outlook.es live.com live.de live.fr live.co.uk live.nl live.cn msn.com
passport.com icloud.com me.com mac.com aol.com aim.com proton.me protonmail.com protonmail.ch pm.me tutanota.com
tuta.io tutanota.de mailbox.org posteo.de posteo.net fastmail.com fastmail.fm hushmail.com zoho.com zohomail.com
gmx.de gmx.net gmx.com gmx.at gmx.ch web.de freenet.de t-online.de arcor.de online.de email.de mail.de vodafone.de
kabelmail.de 1und1.de bluewin.ch hispeed.ch sunrise.ch aon.at chello.at orange.fr wanadoo.fr free.fr sfr.fr
laposte.net neuf.fr bbox.fr libero.it virgilio.it tiscali.it alice.it tin.it telefonica.net terra.es ono.com sapo.pt
telenet.be skynet.be ziggo.nl planet.nl xs4all.nl kpnmail.nl hetnet.nl home.nl btinternet.com sky.com virginmedia.com
talktalk.net ntlworld.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
earthlink.net rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au xtra.co.nz uol.com.br bol.com.br
terra.com.br ig.com.br mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua wp.pl o2.pl
onet.pl interia.pl op.pl seznam.cz email.cz centrum.cz azet.sk freemail.hu citromail.hu abv.bg mail.bg yahoo.gr
telia.com online.no getmail.no mail.dk hotmail.se live.se qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com
yeah.net 139.com 189.cn wo.cn sina.com sina.cn vip.sina.com sohu.com tom.com 21cn.com aliyun.com naver.com daum.net
hanmail.net nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com mail.com email.com usa.com inbox.com
gmx.us mailinator.com example.com example.org example.net
"""
SHARED_SITES = """
facebook.com fb.com instagram.com linkedin.com xing.com twitter.com x.com youtube.com tiktok.com pinterest.com t.me
wa.me weibo.com weixin.qq.com taobao.com tmall.com jd.com 1688.com alibaba.com amazon.com amazon.de ebay.com ebay.de
etsy.com shopify.com myshopify.com google.com sites.google.com business.site wixsite.com wordpress.com blogspot.com
weebly.com squarespace.com jimdo.com github.io github.com medium.com linktr.ee booking.com tripadvisor.com
"""
SHARED_DOMAINS = frozenset((FREE_MAIL + SHARED_SITES).split())
